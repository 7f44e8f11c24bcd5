enum StubShopcast {}
