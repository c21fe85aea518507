"""What helps to find out what a flow does (io.kestra.plugin.core.debug): Echo and Return."""
