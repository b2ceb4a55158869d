"""Tests of the values that one structure gives to several properties."""
