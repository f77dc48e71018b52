module sallyport/bench

go 1.26.8

replace sallyport => ../

require sallyport v0.0.0-00010101000000-000000000000

require (
	github.com/ulikunitz/xz v0.5.17 // indirect
	go.yaml.in/yaml/v3 v3.0.6 // indirect
	golang.org/x/crypto v0.58.0 // indirect
	golang.org/x/sys v0.49.0 // indirect
	golang.org/x/text v0.43.0 // indirect
)
