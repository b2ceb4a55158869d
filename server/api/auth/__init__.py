"""Who calls and how often they may: keys, their table and cache, the hourly limit."""
