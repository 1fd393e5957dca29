"""The validator: that it accepts what is right, and that each of its checks can fail."""
