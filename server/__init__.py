"""The adapters and applications: the only part of the house that meets the network, disks, processes and the clock."""
