"""What face, sound and contributor say comes in; an emotion with its origin and doubt goes out."""
