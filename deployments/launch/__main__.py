"""`python -m deployments.launch [serve_config.yaml]`."""

import sys

from deployments.launch.start import main

sys.exit(main())
