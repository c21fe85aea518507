"""Amazon's cloud (io.kestra.plugin.aws): its commands, run by the program `aws`."""
