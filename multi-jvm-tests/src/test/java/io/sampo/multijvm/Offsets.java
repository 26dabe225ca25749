package io.sampo.multijvm;

import io.sampo.multijvm.harness.NodeProcess;
import io.sampo.multijvm.raw.RawConnection;
import io.sampo.multijvm.raw.RawResponse;
import io.sampo.multijvm.raw.Requests;
import java.util.Map;

/** Asks a node, by hand, where queues end and how far groups are. */
final class Offsets implements AutoCloseable {
  private final RawConnection connection;

  Offsets(NodeProcess node) {
    this(node, 0);
  }

  /** Asks at the port that the node has for a log group. */
  Offsets(NodeProcess node, int logGroup) {
    this.connection = RawConnection.open(node.host(), node.brokerPort(logGroup));
  }

  /** The offset that the next message of the queue gets; 0 when there is no such topic. */
  long end(String topic, int queueId) {
    RawResponse answer =
        connection.call(
            Requests.GET_MAX_OFFSET, Map.of("topic", topic, "queueId", Integer.toString(queueId)));
    return answer.code() == Requests.SUCCESS ? answer.number("offset") : 0;
  }

  /** The group's committed offset; 0 when it has none. */
  long committed(String group, String topic, int queueId) {
    RawResponse answer =
        connection.call(Requests.QUERY_CONSUMER_OFFSET, Requests.groupQueue(group, topic, queueId));
    return answer.code() == Requests.SUCCESS ? answer.number("offset") : 0;
  }

  /** Whether the group has committed all queues of the topic up to their ends. */
  boolean isConsumed(String group, String topic, int queues) {
    for (int queueId = 0; queueId < queues; queueId++) {
      if (committed(group, topic, queueId) != end(topic, queueId)) {
        return false;
      }
    }
    return true;
  }

  @Override
  public void close() {
    connection.close();
  }
}
