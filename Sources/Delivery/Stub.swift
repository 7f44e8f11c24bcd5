enum StubDelivery {}
