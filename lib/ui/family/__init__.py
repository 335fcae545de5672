"""The pages of families: who reads (opening), the blocks of the two pages (child, summary), the way in (route, way_in)."""
