"""The demonstration: fictitious emergency visits, people and projects, and starter notebooks.

Everything here is made up, and is only put into a platform that has nothing yet. Imports `catalogue`, `projects` and
what stands below them.
"""
