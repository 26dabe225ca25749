package io.sampo.routing.boot;

import static org.assertj.core.api.Assertions.assertThat;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.LoggerContext;
import ch.qos.logback.classic.joran.JoranConfigurator;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.classic.spi.LoggingEvent;
import ch.qos.logback.core.Appender;
import ch.qos.logback.core.spi.FilterReply;
import java.net.URL;
import java.util.Objects;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** What is written of what is logged, as logback.xml says. */
class RepeatedLinesTest {
  private static final String ARTERY = "org.apache.pekko.remote.artery.ArteryTransport";

  private final LoggerContext context = new LoggerContext();
  private Appender<ILoggingEvent> console;

  @BeforeEach
  void configure() throws Exception {
    JoranConfigurator configurator = new JoranConfigurator();
    configurator.setContext(context);
    URL file = Objects.requireNonNull(RepeatedLines.class.getResource("/logback.xml"));
    configurator.doConfigure(file);
    console = context.getLogger(Logger.ROOT_LOGGER_NAME).getAppender("console");
  }

  @AfterEach
  void stop() {
    context.stop();
  }

  private boolean isWritten(long atMs, String logger, String line) {
    LoggingEvent event =
        new LoggingEvent("", context.getLogger(logger), Level.WARN, line, null, null);
    event.setTimeStamp(atMs);
    return context.getLogger(logger).isEnabledFor(Level.WARN)
        && console.getFilterChainDecision(event) != FilterReply.DENY;
  }

  @Test
  void whatALibraryRepeatsIsWrittenOnceInAWhile() {
    assertThat(isWritten(0, ARTERY, "node-1 quarantined this node")).isTrue();
    for (int i = 1; i < 600; i++) {
      assertThat(isWritten(i, ARTERY, "node-1 quarantined this node")).isFalse();
    }
    assertThat(isWritten(600, ARTERY, "node-2 quarantined this node")).isTrue();
    assertThat(isWritten(30_000, ARTERY, "node-1 quarantined this node")).isTrue();
    assertThat(isWritten(30_001, ARTERY, "node-1 quarantined this node")).isFalse();
    assertThat(isWritten(0, ARTERY, "node-1 quarantined this node")).as("the clock").isTrue();
  }

  @Test
  void manyDifferentLinesDoNotPileUp() {
    for (int i = 0; i < 200; i++) {
      assertThat(isWritten(i, ARTERY, "line " + i)).isTrue();
    }
    assertThat(isWritten(200, ARTERY, "line 199")).isFalse();
    assertThat(isWritten(200, ARTERY, "line 0")).as("forgotten").isTrue();
  }

  @Test
  void whatWeSayIsWritten() {
    for (int i = 0; i < 3; i++) {
      assertThat(isWritten(i, "io.sampo.cluster.Some", "three times")).isTrue();
    }
  }

  @Test // a node's end is told by the membership; what each of its streams says of it is no news
  void whatTellsAnOperatorNothingIsNotWritten() {
    for (String logger :
        new String[] {
          "org.apache.pekko.remote.artery.FlushBeforeDeathWatchNotification",
          "org.apache.pekko.remote.artery.compress.InboundManifestCompression",
          "org.apache.pekko.stream.Materializer"
        }) {
      assertThat(isWritten(0, logger, "something")).as(logger).isFalse();
    }
  }
}
