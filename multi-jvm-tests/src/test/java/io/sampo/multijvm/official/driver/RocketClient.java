package io.sampo.multijvm.official.driver;

import io.sampo.multijvm.official.ClientFailed;
import io.sampo.multijvm.official.ConsumerSpec;
import io.sampo.multijvm.official.Delivery;
import io.sampo.multijvm.official.LocalTransactions;
import io.sampo.multijvm.official.OfficialClassicPuller;
import io.sampo.multijvm.official.OfficialClient;
import io.sampo.multijvm.official.OfficialConsumer;
import io.sampo.multijvm.official.OfficialProducer;
import io.sampo.multijvm.official.OfficialPuller;
import io.sampo.multijvm.official.ProducerSpec;
import java.util.concurrent.Callable;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Consumer;
import java.util.function.Predicate;
import java.util.function.UnaryOperator;
import org.apache.rocketmq.client.ClientConfig;
import org.apache.rocketmq.client.exception.MQBrokerException;
import org.apache.rocketmq.client.exception.MQClientException;
import org.apache.rocketmq.common.MQVersion;

/**
 * The tests' view of an official client, compiled against 4.9 and loaded by the class loader of
 * each version. What moved between the two (the package of one enum) is reached by reflection.
 *
 * <p>Intervals that only cost a test time (route refresh, heartbeat, offset commit) are a second
 * here; the rebalance interval stays at its 20 s, so that a group which reacts at once does so
 * because the broker told it to.
 */
public final class RocketClient implements OfficialClient {
  private static final int INTERVAL_MILLIS = 1_000;
  private static final AtomicInteger INSTANCES = new AtomicInteger();

  @Override
  public String version() {
    // Such as V4_9_8; the descriptor's method is the one that both versions have.
    return MQVersion.getVersionDesc(currentVersion()).substring(1).replace('_', '.');
  }

  /** The compiler would copy the constant of the version it sees. */
  private static int currentVersion() {
    try {
      return MQVersion.class.getField("CURRENT_VERSION").getInt(null);
    } catch (ReflectiveOperationException e) {
      throw new IllegalStateException(e);
    }
  }

  @Override
  public OfficialProducer startProducer(ProducerSpec spec) throws ClientFailed {
    return inOwnLoader(() -> RocketProducer.start(spec));
  }

  @Override
  public OfficialProducer startTransactionProducer(
      ProducerSpec spec, LocalTransactions transactions) throws ClientFailed {
    return inOwnLoader(() -> RocketProducer.startTransactional(spec, transactions));
  }

  @Override
  public OfficialConsumer startConsumer(ConsumerSpec spec, Consumer<Delivery> listener)
      throws ClientFailed {
    return inOwnLoader(() -> RocketConsumer.start(spec, listener));
  }

  @Override
  public OfficialConsumer startOrderlyConsumer(ConsumerSpec spec, Predicate<Delivery> listener)
      throws ClientFailed {
    return inOwnLoader(() -> RocketConsumer.startOrderly(spec, listener));
  }

  @Override
  public OfficialConsumer startPopConsumer(
      ConsumerSpec spec, long invisibleMillis, Predicate<Delivery> listener) throws ClientFailed {
    return inOwnLoader(() -> RocketConsumer.startPop(spec, invisibleMillis, listener));
  }

  @Override
  public OfficialConsumer startReplier(ConsumerSpec spec, UnaryOperator<byte[]> reply)
      throws ClientFailed {
    return inOwnLoader(() -> RocketConsumer.startReplier(spec, reply));
  }

  @Override
  public OfficialPuller startPuller(String nameServer, String group) throws ClientFailed {
    return inOwnLoader(() -> RocketPuller.start(nameServer, group));
  }

  @Override
  public OfficialClassicPuller startClassicPuller(String nameServer, String group, String topic)
      throws ClientFailed {
    return inOwnLoader(() -> RocketClassicPuller.start(nameServer, group, topic));
  }

  /** An instance name that no other client of this JVM has, of whatever version. */
  static String uniqueInstance() {
    return "test-" + currentVersion() + "-" + INSTANCES.incrementAndGet();
  }

  static void configure(ClientConfig client, String nameServer, String instance) {
    client.setNamesrvAddr(nameServer);
    client.setInstanceName(instance);
    client.setClientIP("127.0.0.1");
    client.setPollNameServerInterval(INTERVAL_MILLIS);
    client.setHeartbeatBrokerInterval(INTERVAL_MILLIS);
    client.setPersistConsumerOffsetInterval(INTERVAL_MILLIS);
  }

  /** Threads inherit the context class loader, and the client's libraries look through it. */
  private static <T> T inOwnLoader(Callable<T> start) throws ClientFailed {
    Thread thread = Thread.currentThread();
    ClassLoader before = thread.getContextClassLoader();
    thread.setContextClassLoader(RocketClient.class.getClassLoader());
    try {
      return start.call();
    } catch (Exception e) {
      throw failed(e);
    } finally {
      thread.setContextClassLoader(before);
    }
  }

  /** In words that the tests' class loader knows. */
  static ClientFailed failed(Throwable cause) {
    int code = ClientFailed.NO_ANSWER;
    for (Throwable t = cause; t != null; t = t.getCause()) {
      if (t instanceof MQBrokerException broker) {
        code = broker.getResponseCode();
      } else if (t instanceof MQClientException client && client.getResponseCode() > 0) {
        code = client.getResponseCode();
      }
    }
    ClientFailed failed = new ClientFailed(code, cause.toString());
    failed.setStackTrace(cause.getStackTrace());
    return failed;
  }
}
