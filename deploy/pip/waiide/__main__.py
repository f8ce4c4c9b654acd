from waiide import main

main()
