package io.sampo.multijvm.official;

import java.util.Set;

/** A started push consumer of an official client. */
public interface OfficialConsumer extends AutoCloseable {
  /** The queues of the topic that the client pulls now, by its own account. */
  Set<Integer> assignedQueues(String topic);

  /** The messages of the topic that the client holds and the listener has not finished. */
  long cachedMessages(String topic);

  /** Asks for no more messages until {@link #resume}. */
  void pause();

  /** Goes on after {@link #pause}. */
  void resume();

  /** Takes from now on only messages for whose properties the SQL92 condition holds. */
  void selectBySql(String topic, String condition) throws ClientFailed;

  /** Stops as an application does: commits offsets and takes leave of its group. */
  @Override
  void close();
}
