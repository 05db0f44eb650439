"""Lists of videos come in as text that nobody has checked; descriptions of files go out."""
