/** The library for certificates, with what it expects to be there before it is loaded. */
import "reflect-metadata";

export * from "@peculiar/x509";
