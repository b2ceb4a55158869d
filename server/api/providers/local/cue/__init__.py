"""Values that a cue beside them names: «due by 3 April», «four bedrooms», «founded by Jana Wolff»."""
