package io.sampo.client;

/**
 * A message on its way.
 *
 * @param group the producer's group
 * @param message what the user gave
 * @param messageId the id it was given
 * @param properties all of its properties, encoded
 */
record OutgoingMessage(String group, Message message, String messageId, byte[] properties) {}
