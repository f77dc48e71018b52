module sallyport/bench

go 1.26.8

replace sallyport => ../
