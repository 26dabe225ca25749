package io.sampo.bench.server;

import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ThreadLocalRandom;

/**
 * Finds loopback ports that nobody listens on at the moment, below those that systems give to
 * outgoing connections: a client's own port must not take the place of a server that is starting.
 */
final class FreePorts {
  private static final int ATTEMPTS = 100;
  private static final int LOWEST = 20_000;
  private static final int HIGHEST = 32_000;

  private FreePorts() {}

  /** A port that is free together with the ones at the given distances from it. */
  static int find(int... distances) throws IOException {
    IOException last = null;
    for (int attempt = 0; attempt < ATTEMPTS; attempt++) {
      int port = ThreadLocalRandom.current().nextInt(LOWEST, HIGHEST);
      List<ServerSocket> sockets = new ArrayList<>();
      try {
        sockets.add(listen(port));
        for (int distance : distances) {
          sockets.add(listen(port + distance));
        }
        return port;
      } catch (IOException e) {
        last = e; // one of them is taken
      } finally {
        for (ServerSocket socket : sockets) {
          socket.close();
        }
      }
    }
    throw new IOException("no free ports in " + ATTEMPTS + " attempts", last);
  }

  private static ServerSocket listen(int port) throws IOException {
    return new ServerSocket(port, 1, InetAddress.getLoopbackAddress());
  }
}
