package io.sampo.bench.server;

import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.util.ArrayList;
import java.util.List;

/** Finds loopback ports that nobody listens on at the moment. */
final class FreePorts {
  private static final int ATTEMPTS = 100;

  private FreePorts() {}

  /** A port that is free together with the ones at the given distances from it. */
  static int find(int... distances) throws IOException {
    IOException last = null;
    for (int attempt = 0; attempt < ATTEMPTS; attempt++) {
      try (ServerSocket first = listen(0)) {
        int port = first.getLocalPort();
        List<ServerSocket> others = new ArrayList<>();
        try {
          for (int distance : distances) {
            others.add(listen(port + distance));
          }
          return port;
        } finally {
          for (ServerSocket other : others) {
            other.close();
          }
        }
      } catch (IOException e) {
        last = e; // a neighbour is taken
      }
    }
    throw new IOException("no free ports in " + ATTEMPTS + " attempts", last);
  }

  private static ServerSocket listen(int port) throws IOException {
    return new ServerSocket(port, 1, InetAddress.getLoopbackAddress());
  }
}
