"""What `pulumi up` declares: the workbench's own program. Resources of this project's own can stand below it."""

from infra.__main__ import main

main()
