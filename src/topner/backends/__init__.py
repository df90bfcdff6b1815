"""What computes the network: torch, ONNX Runtime or OpenVINO, each behind one protocol."""
