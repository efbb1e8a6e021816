// Express 4 beside Express 5: the parts that the tests use have one type.
declare module "express4" {
  import express from "express";

  export = express;
}
