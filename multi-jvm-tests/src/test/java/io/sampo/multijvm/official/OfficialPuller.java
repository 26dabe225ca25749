package io.sampo.multijvm.official;

import java.time.Duration;
import java.util.List;

/** A lite pull consumer with queues that the test assigns; used by one thread. */
public interface OfficialPuller extends AutoCloseable {
  /** Reads one queue from an offset on. */
  void assign(String topic, int queueId, long offset) throws ClientFailed;

  /** The next messages, or none when the wait ends first. */
  List<Delivery> poll(Duration wait);

  /** The offset that the group committed for the queue, -1 for none. */
  long committed(String topic, int queueId) throws ClientFailed;

  @Override
  void close();
}
