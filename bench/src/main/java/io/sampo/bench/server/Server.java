package io.sampo.bench.server;

import java.io.IOException;
import java.nio.file.Path;
import java.util.List;

/** A server that can be started for one run. */
public interface Server {
  /** What results call it. */
  String name();

  /** What a reader of the results must know to judge them: version, heap, flags, settings. */
  String settings();

  /**
   * Starts it on free loopback ports in an empty directory, and waits until it has accepted a
   * message.
   *
   * @throws IOException when it doesn't within the time that it is given; nothing is left running
   */
  RunningServer start(ServerOptions options, Path directory)
      throws IOException, InterruptedException;

  /**
   * How a server is started.
   *
   * @param queuesPerTopic what a topic gets that comes into being by being sent to
   * @param jvmOptions additional ones for the process that does the work
   */
  record ServerOptions(Flush flush, int queuesPerTopic, List<String> jvmOptions) {}
}
