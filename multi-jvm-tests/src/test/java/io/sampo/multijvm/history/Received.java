package io.sampo.multijvm.history;

/**
 * One delivery to a listener. The list of them is in the order of delivery.
 *
 * @param session which start of which consumer; order is promised within one
 * @param key the application's name of the message
 */
public record Received(String session, long key, Place place) {}
