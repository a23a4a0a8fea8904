module example.org/hsmmock

go 1.19
