"""Terraform (io.kestra.plugin.terraform): its commands, run by the program `terraform`."""
