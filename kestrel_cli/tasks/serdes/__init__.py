"""Files of one format turned into another (io.kestra.plugin.serdes).

The types, and how Avro, CSV, Excel, JSON, Parquet, XML and YAML are read and written.
"""
