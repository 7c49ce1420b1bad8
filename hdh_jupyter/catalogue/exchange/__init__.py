"""Records of the catalogue in the forms that others read and write.

`dcat`, `healthdcat` and `own_terms` turn a record into RDF and back, `table_schema` and `ddi` read what describes
variables, `csvw` writes it, `seed_yaml` does both for files kept by hand; `reading` finds out which of them a file is.
`mandatory` and `validation` say what a description lacks, `push` sends it to a national catalogue. `hostile` bounds
what is read: nothing here opens a connection but `push`. Imports the catalogue's model and its store, nothing else.
"""
