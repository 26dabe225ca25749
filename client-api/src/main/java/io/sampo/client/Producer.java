package io.sampo.client;

import io.sampo.record.MessageProperties;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Sends messages. Thread-safe.
 *
 * <pre>{@code
 * try (Producer producer = Producer.builder("127.0.0.1:9876", "my-group").build()) {
 *   SendReceipt receipt = producer.sendAndWait(Message.of("my-topic", bytes));
 * }
 * }</pre>
 *
 * <p>Messages go to the queues of a topic in turn. When a broker refuses for the moment or doesn't
 * answer, the message is sent again to another queue, on another broker if there is one, until the
 * attempts or the time run out. An attempt whose answer was lost may have been stored, so a message
 * may be there twice; it then has the same id twice.
 *
 * <p>What is sent and not answered is bounded: beyond that {@link #send} waits for room.
 */
public final class Producer implements AutoCloseable {
  private static final Logger log = LoggerFactory.getLogger(Producer.class);

  private final SampoClient client;
  private final boolean ownsClient;
  private final String group;
  private final ProducerSettings settings;
  private final InFlightWindow window;
  private final AtomicInteger turn =
      new AtomicInteger(ThreadLocalRandom.current().nextInt(Integer.MAX_VALUE));
  private volatile boolean closed;

  private Producer(Builder builder, SampoClient client, boolean ownsClient) {
    this.client = client;
    this.ownsClient = ownsClient;
    this.group = builder.group;
    this.settings =
        new ProducerSettings(builder.sendTimeout, builder.attemptsMax, builder.bodyBytesMax);
    this.window = new InFlightWindow(builder.inFlightMessagesMax, builder.inFlightBytesMax);
    client.membership().joinProducer(group);
  }

  /**
   * Starts a producer with a client of its own.
   *
   * @param nameServers "host:port;host:port"
   * @param group the producer group
   */
  public static Builder builder(String nameServers, String group) {
    return new Builder(nameServers, null, group);
  }

  static Builder builder(SampoClient shared, String group) {
    return new Builder("", shared, group);
  }

  public String group() {
    return group;
  }

  /**
   * Sends a message. The future completes on a thread of the client: what hangs on it must not
   * block.
   *
   * <p>Waits for room in the window, for as long as the send timeout; on a thread of the client it
   * doesn't wait.
   *
   * @return the receipt, or {@link RefusedException} when a broker won't have the message, {@link
   *     TransportException} when the outcome is unknown, {@link NoRouteException} when nobody would
   *     take the topic, {@link ClientException} when there was no room in time
   * @throws IllegalArgumentException when the body or the properties are too large
   * @throws IllegalStateException when the producer is closed
   */
  public CompletableFuture<SendReceipt> send(Message message) {
    if (closed) {
      throw new IllegalStateException("the producer is closed");
    }
    String messageId = client.uniqueKeys().next();
    byte[] properties = checkedProperties(message, messageId);
    int bytes = message.body().length + properties.length;
    long deadlineNanos = System.nanoTime() + settings.sendTimeout().toNanos();
    try {
      long waitNanos = client.transport().isOwnThread() ? 0 : settings.sendTimeout().toNanos();
      if (!window.tryEnter(bytes, waitNanos)) {
        return CompletableFuture.failedFuture(
            new ClientException("too many messages are in flight, and none came back in time"));
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      return CompletableFuture.failedFuture(new ClientException("interrupted", e));
    }
    SendOperation operation =
        new SendOperation(
            client,
            settings,
            new OutgoingMessage(group, message, messageId, properties),
            turn.getAndIncrement() & Integer.MAX_VALUE,
            deadlineNanos);
    operation.receipt().whenComplete((receipt, failure) -> window.leave(bytes));
    operation.start();
    return operation.receipt();
  }

  /**
   * Sends a message and waits for the receipt.
   *
   * @throws ClientException as {@link #send} says
   * @throws IllegalStateException on a thread of the client, or when the producer is closed
   */
  public SendReceipt sendAndWait(Message message) throws InterruptedException {
    if (client.transport().isOwnThread()) {
      throw new IllegalStateException("waiting on a thread that has to bring the answer");
    }
    try {
      return send(message).get();
    } catch (ExecutionException e) {
      throw Failures.asClientException(e);
    }
  }

  /**
   * Waits for what is in flight, for the send timeout at most; leaves the group.
   *
   * @throws IllegalStateException on a thread of the client
   */
  @Override
  public void close() {
    if (client.transport().isOwnThread()) {
      throw new IllegalStateException("a producer can't be closed on a thread of its client");
    }
    if (closed) {
      return;
    }
    closed = true;
    try {
      if (!window.awaitEmpty(settings.sendTimeout().toNanos())) {
        log.warn("{} messages were in flight as the producer closed", window.messages());
      }
      client
          .membership()
          .leaveProducer(group)
          .get(client.requestTimeout().toMillis(), TimeUnit.MILLISECONDS);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    } catch (ExecutionException | TimeoutException e) {
      log.debug("The group {} was not left in order: {}", group, e.toString());
    }
    if (ownsClient) {
      client.close();
    }
  }

  private byte[] checkedProperties(Message message, String messageId) {
    if (message.body().length > settings.bodyBytesMax()) {
      throw new IllegalArgumentException(
          "a body of " + message.body().length + " bytes, at most " + settings.bodyBytesMax());
    }
    Map<String, String> all = new LinkedHashMap<>(message.properties());
    all.put(MessageProperties.UNIQUE_KEY, messageId);
    all.put(MessageProperties.WAIT, "true");
    byte[] encoded = MessageProperties.encode(all);
    if (encoded.length > MessageProperties.BYTES_MAX) {
      throw new IllegalArgumentException(
          "properties of " + encoded.length + " bytes, at most " + MessageProperties.BYTES_MAX);
    }
    return encoded;
  }

  /** Collects the settings of a producer. */
  public static final class Builder {
    private final String nameServers;
    private final @Nullable SampoClient shared;
    private final String group;
    private Duration sendTimeout = Duration.ofSeconds(6);
    private int attemptsMax = 3;
    private int bodyBytesMax = 4 * 1024 * 1024;
    private int inFlightMessagesMax = 2048;
    private long inFlightBytesMax = 64L * 1024 * 1024;

    private Builder(String nameServers, @Nullable SampoClient shared, String group) {
      this.nameServers = nameServers;
      this.shared = shared;
      this.group = Checks.group(group);
    }

    /** For all attempts of one message together. 6 s. */
    public Builder sendTimeout(Duration timeout) {
      this.sendTimeout = Checks.positive("the send timeout", timeout);
      return this;
    }

    /** How often a message is sent at most. 3. */
    public Builder attemptsMax(int count) {
      this.attemptsMax = Checks.atLeast("the number of attempts", 1, count);
      return this;
    }

    /** The longest body. 4 MiB, as brokers have it. */
    public Builder bodyBytesMax(int bytes) {
      this.bodyBytesMax = Checks.atLeast("the longest body", 1, bytes);
      return this;
    }

    /** How much may be sent and not answered. 2048 messages, 64 MiB. */
    public Builder inFlightMax(int messages, long bytes) {
      this.inFlightMessagesMax = Checks.atLeast("the messages in flight", 1, messages);
      this.inFlightBytesMax = Math.max(1, bytes);
      return this;
    }

    /** Makes the producer; nothing is connected before the first send. */
    public Producer build() {
      SampoClient own = shared != null ? shared : SampoClient.builder(nameServers).build();
      return new Producer(this, own, shared == null);
    }
  }
}
