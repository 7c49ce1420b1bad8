"""The whole platform on one machine: checks the host, prepares the state folder, keeps the processes running.

Stands on the top floor, beside `app`: it may import everything.
"""
