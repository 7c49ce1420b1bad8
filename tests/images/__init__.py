"""Tests of images/ and of scripts/images."""
