"""Images and containers (io.kestra.plugin.docker), by the command line of Docker or Podman."""
