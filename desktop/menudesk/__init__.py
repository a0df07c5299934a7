"""The menu desk: a menu as a tree that is looked at, edited, tried and published."""
