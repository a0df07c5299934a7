"""Live pages: announce what changed, watch topics, look anew."""
