package io.sampo.bench.load;

import io.sampo.client.ConsumeFrom;
import io.sampo.client.Message;
import io.sampo.client.Producer;
import io.sampo.client.SampoClient;
import io.sampo.client.SendReceipt;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * Sampo's own client with its defaults, apart from retries, which would hide failures, and a send
 * timeout as long as the official client's here.
 */
public final class OwnClient implements LoadClient {
  private static final Duration SEND_TIMEOUT = Duration.ofSeconds(10);

  private final SampoClient client;
  private final BrokerCalls calls;
  private @Nullable Producer producer;
  private io.sampo.client.@Nullable Consumer consumer;

  public OwnClient(String nameServer) {
    this.client = SampoClient.builder(nameServer).build();
    this.calls = new BrokerCalls(nameServer);
  }

  @Override
  public void startSending(int queuesPerTopic) {
    producer =
        client.newProducer("bench-producer").attemptsMax(1).sendTimeout(SEND_TIMEOUT).build();
  }

  @Override
  public void openTopic(String topic, int queues, byte[] body) throws IOException {
    calls.openTopic(topic, queues, body);
  }

  @Override
  public void send(String topic, byte[] body) throws Exception {
    check(producer().sendAndWait(Message.of(topic, body)));
  }

  @Override
  public void sendAsync(String topic, byte[] body, Completion completion) {
    producer()
        .send(Message.of(topic, body))
        .whenComplete((receipt, failure) -> completion.done(failureOf(receipt, failure)));
  }

  @Override
  public boolean sendsBatches() {
    return false;
  }

  /** One by one, and told once all have ended: good enough to fill a backlog. */
  @Override
  public void sendBatch(
      String topic, List<byte[]> bodies, List<String> tags, Completion completion) {
    AtomicInteger left = new AtomicInteger(bodies.size());
    AtomicReference<@Nullable Throwable> first = new AtomicReference<>();
    for (int i = 0; i < bodies.size(); i++) {
      Message.Builder message = Message.to(topic).body(bodies.get(i));
      if (!tags.isEmpty()) {
        message.tag(tags.get(i));
      }
      producer()
          .send(message.build())
          .whenComplete(
              (receipt, failure) -> {
                first.compareAndSet(null, failureOf(receipt, failure));
                if (left.decrementAndGet() == 0) {
                  completion.done(first.get());
                }
              });
    }
  }

  @Override
  public void consume(Subscription subscription, Consumer<byte[]> sink) {
    consumer =
        client
            .newConsumer(subscription.group())
            .consumeFrom(ConsumeFrom.FIRST)
            .subscribe(
                subscription.topic(),
                subscription.tagExpression(),
                message -> sink.accept(message.body()))
            .start();
  }

  @Override
  public long storedMessages(String topic) throws IOException {
    return calls.storedMessages(topic);
  }

  @Override
  public void close() {
    if (consumer != null) {
      consumer.close();
    }
    if (producer != null) {
      producer.close();
    }
    client.close();
    try {
      calls.close();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static @Nullable Throwable failureOf(
      @Nullable SendReceipt receipt, @Nullable Throwable failure) {
    if (failure != null) {
      return failure;
    }
    try {
      check(receipt);
      return null;
    } catch (IllegalStateException e) {
      return e;
    }
  }

  private static void check(@Nullable SendReceipt receipt) {
    if (receipt == null || receipt.durability() != SendReceipt.Durability.AS_CONFIGURED) {
      throw new IllegalStateException("sent, but " + receipt);
    }
  }

  private Producer producer() {
    if (producer == null) {
      throw new IllegalStateException("startSending comes first");
    }
    return producer;
  }
}
