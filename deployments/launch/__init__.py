"""Start the service: check the machine and the configuration, deploy, wait, announce."""
