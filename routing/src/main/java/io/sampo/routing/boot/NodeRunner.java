package io.sampo.routing.boot;

import com.typesafe.config.Config;
import java.time.Duration;
import java.util.function.Consumer;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Runs a node until it is told to stop. A node that the others removed from the cluster, because
 * they couldn't reach it or it couldn't reach them, is started again in this process at the ports
 * that it had, and joins again. When that fails it is tried again, after longer and longer rests:
 * some times, or as often as it takes when the others removed it once more, since then nothing is
 * wrong with it. A node that is removed soon after it was back rests, too: a cable between it and
 * one of them may be cut for long.
 */
final class NodeRunner {
  private static final Logger LOG = LoggerFactory.getLogger(NodeRunner.class);
  private static final int TRIES_MAX = 10;
  private static final Duration REST_MIN = Duration.ofSeconds(1);
  private static final Duration REST_MAX = Duration.ofSeconds(30);

  /** Who was there for so long was not removed for what it was removed for before. */
  private static final Duration STAY_MIN = Duration.ofMinutes(1);

  private final Config config;
  private final Consumer<SampoNode> ready;

  /**
   * @param ready told of the node each time that it serves clients
   */
  NodeRunner(Config config, Consumer<SampoNode> ready) {
    this.config = config;
    this.ready = ready;
  }

  /**
   * Returns when the node has stopped because it was told to.
   *
   * @throws StartFailedException also when it stopped because it broke
   */
  void run(SampoSettings settings) throws StartFailedException, InterruptedException {
    SampoNode node = startFirst(settings);
    Duration rest = Duration.ZERO;
    while (true) {
      ready.accept(node);
      long readyNanos = System.nanoTime();
      SampoNode.Ending ending = node.awaitStop();
      if (ending == SampoNode.Ending.STOPPED) {
        return;
      }
      if (ending == SampoNode.Ending.BROKEN) {
        throw new StartFailedException("the node can't keep or copy its replicas, see the log");
      }
      if (System.nanoTime() - readyNanos > STAY_MIN.toNanos()) {
        rest = Duration.ZERO;
      }
      LOG.warn(
          "The other nodes removed this one from the cluster; starting again to join them, in {} s",
          rest.toSeconds());
      Thread.sleep(rest.toMillis());
      rest = longer(rest);
      node = startAgain(settings.at(node.addresses()));
    }
  }

  /** On a busy machine a node may be too slow for the others before it is ready. */
  private SampoNode startFirst(SampoSettings settings)
      throws StartFailedException, InterruptedException {
    try {
      return SampoNode.start(settings, config);
    } catch (StartFailedException e) {
      if (!e.isRemoval()) {
        throw e;
      }
      LOG.warn("{}; starting again to join them", e.getMessage());
      return startAgain(settings);
    }
  }

  private SampoNode startAgain(SampoSettings settings)
      throws StartFailedException, InterruptedException {
    Duration rest = REST_MIN;
    int failures = 0;
    while (true) {
      try {
        return SampoNode.start(settings, config);
      } catch (StartFailedException e) {
        failures += e.isRemoval() ? 0 : 1;
        if (failures == TRIES_MAX) {
          throw e;
        }
        LOG.warn("The start failed, the next one is in {} s: {}", rest.toSeconds(), e.getMessage());
        Thread.sleep(rest.toMillis());
        rest = longer(rest);
      }
    }
  }

  private static Duration longer(Duration rest) {
    Duration doubled = rest.isZero() ? REST_MIN : rest.multipliedBy(2);
    return doubled.compareTo(REST_MAX) < 0 ? doubled : REST_MAX;
  }
}
