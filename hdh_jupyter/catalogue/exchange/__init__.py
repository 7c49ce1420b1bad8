"""Records of the catalogue in the forms that others read and write.

`dcat_files` names the calls for RDF. Below it `rdf` puts `dcat`, `healthdcat`, `csvw` and `own_terms` together into a
graph, `description` and `csvw_reading` read one, `merging` takes over what somebody changed, `rdf_files` is about
Turtle and JSON-LD. `csvw_document` writes variables, `table_schema` and `ddi` read them; `seed_*` does both for files
kept by hand; `formats` finds out which of them a file is. `shapes_files`, `validation` and `violations` say what a
description lacks, `push` sends it to a national catalogue. `hostile` and `bounds` limit what is read: nothing here
opens a connection but `push`. Imports the catalogue's model, search and store, nothing else of the hub zone.
"""
