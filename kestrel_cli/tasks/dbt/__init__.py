"""dbt (io.kestra.plugin.dbt): its commands, run by the program `dbt`."""
