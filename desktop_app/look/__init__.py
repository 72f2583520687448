"""How everything looks: colours, fonts, and the plain parts that any room builds with."""
