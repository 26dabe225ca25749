package io.sampo.multijvm.official;

import java.time.Duration;
import java.util.List;

/**
 * A lite pull consumer; used by one thread. It reads queues that the test assigns, or shares those
 * of a topic with the others of its group; not both.
 */
public interface OfficialPuller extends AutoCloseable {
  /** Reads one queue from an offset on. */
  void assign(String topic, int queueId, long offset) throws ClientFailed;

  /** Shares the topic's queues with the group, from each queue's first message on. */
  void subscribe(String topic, String tags) throws ClientFailed;

  /** As {@link #subscribe}, for messages for whose properties the SQL92 condition holds. */
  void subscribeBySql(String topic, String condition) throws ClientFailed;

  /** Pulls no more of the queue until {@link #resume}; what was pulled before still comes. */
  void pause(String topic, int queueId) throws ClientFailed;

  /** Goes on after {@link #pause}. */
  void resume(String topic, int queueId) throws ClientFailed;

  /** Goes on behind the queue's last message. */
  void seekToEnd(String topic, int queueId) throws ClientFailed;

  /** The offset of the first message stored at or after the time, in milliseconds since 1970. */
  long offsetForTimestamp(String topic, int queueId, long timestamp) throws ClientFailed;

  /** The next messages, or none when the wait ends first. */
  List<Delivery> poll(Duration wait);

  /** The offset that the group committed for the queue, -1 for none. */
  long committed(String topic, int queueId) throws ClientFailed;

  @Override
  void close();
}
