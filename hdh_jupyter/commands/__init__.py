"""The sub-commands of `hdh-jupyter`.

`processes` has what runs for as long as the platform is open, `audit` reads the log, `initialise` makes an empty
platform, `people` and `projects` manage the register. `base`, `parsing`, `output` and `administration` are what they
share. Stands on the top floor, below `app`: it may import everything else.
"""
