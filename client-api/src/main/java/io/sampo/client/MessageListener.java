package io.sampo.client;

/** Takes messages. Runs on the consumer's listener threads and may block. */
@FunctionalInterface
public interface MessageListener {
  /**
   * Processes one message. Returning means that it is done; throwing anything means that it has to
   * be tried again, see {@link Consumer}.
   */
  void onMessage(ReceivedMessage message) throws Exception;
}
