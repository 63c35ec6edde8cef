"""One running instance: Postgres, the AWS emulator, the deployed application and the front door."""
