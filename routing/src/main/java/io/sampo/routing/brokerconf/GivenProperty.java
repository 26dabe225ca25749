package io.sampo.routing.brokerconf;

/**
 * One property of a file.
 *
 * @param value without blanks around it
 * @param line where it begins, from 1
 */
record GivenProperty(String name, String value, int line) {}
