"""`make mutate`: whether a test notices when the code of the money and of the dates is changed a little."""
