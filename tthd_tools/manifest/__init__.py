"""What contributors and lists of datasets say of raw videos is read and checked here."""
