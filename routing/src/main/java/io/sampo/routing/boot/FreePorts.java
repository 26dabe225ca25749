package io.sampo.routing.boot;

import java.io.IOException;
import java.net.BindException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ThreadLocalRandom;

/**
 * Finds loopback ports that nobody listens on at the moment, below those that systems give to
 * whoever asks for any: what the first of several nodes connects from must not take the place of
 * the next one.
 */
final class FreePorts {
  private static final int LOWEST = 10_000;
  private static final int HIGHEST = 20_000;
  private static final int TRIES_EACH = 100;

  private FreePorts() {}

  /**
   * Different ports that were free a moment ago; all are held until the last is found.
   *
   * @throws IOException when there are too few, or none may be had
   */
  static List<Integer> find(int count) throws IOException {
    List<ServerSocket> held = new ArrayList<>();
    try {
      int tries = TRIES_EACH * count;
      while (held.size() < count) {
        int port = ThreadLocalRandom.current().nextInt(LOWEST, HIGHEST);
        try {
          held.add(new ServerSocket(port, 1, InetAddress.getLoopbackAddress()));
        } catch (BindException e) {
          tries--;
          if (tries == 0) {
            throw e;
          }
        }
      }
      return held.stream().map(ServerSocket::getLocalPort).toList();
    } finally {
      for (ServerSocket socket : held) {
        socket.close();
      }
    }
  }
}
