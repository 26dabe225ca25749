package io.sampo.multijvm.official.driver;

import io.sampo.multijvm.official.ClientFailed;
import io.sampo.multijvm.official.Delivery;
import io.sampo.multijvm.official.OfficialPuller;
import java.time.Duration;
import java.util.Collection;
import java.util.List;
import org.apache.rocketmq.client.consumer.DefaultLitePullConsumer;
import org.apache.rocketmq.client.exception.MQClientException;
import org.apache.rocketmq.common.message.MessageQueue;

/** {@link DefaultLitePullConsumer} in its assign mode behind the tests' interface. */
final class RocketPuller implements OfficialPuller {
  private static final int COMMIT_MILLIS = 1_000; // the least that the client takes

  private final DefaultLitePullConsumer consumer;

  private RocketPuller(DefaultLitePullConsumer consumer) {
    this.consumer = consumer;
  }

  static RocketPuller start(String nameServer, String group) throws MQClientException {
    DefaultLitePullConsumer consumer = new DefaultLitePullConsumer(group);
    RocketClient.configure(consumer, nameServer, RocketClient.uniqueInstance());
    consumer.setAutoCommitIntervalMillis(COMMIT_MILLIS);
    consumer.start();
    return new RocketPuller(consumer);
  }

  @Override
  public void assign(String topic, int queueId, long offset) throws ClientFailed {
    try {
      MessageQueue queue = queue(topic, queueId);
      consumer.assign(List.of(queue));
      consumer.seek(queue, offset);
    } catch (MQClientException e) {
      throw RocketClient.failed(e);
    }
  }

  @Override
  public List<Delivery> poll(Duration wait) {
    return RocketConsumer.deliveries(consumer.poll(wait.toMillis()));
  }

  @Override
  public long committed(String topic, int queueId) throws ClientFailed {
    try {
      return consumer.committed(queue(topic, queueId));
    } catch (MQClientException e) {
      throw RocketClient.failed(e);
    }
  }

  private MessageQueue queue(String topic, int queueId) throws MQClientException {
    Collection<MessageQueue> queues = consumer.fetchMessageQueues(topic);
    return queues.stream()
        .filter(queue -> queue.getQueueId() == queueId)
        .findFirst()
        .orElseThrow(() -> new MQClientException("no queue " + queueId, null));
  }

  @Override
  public void close() {
    consumer.shutdown();
  }
}
